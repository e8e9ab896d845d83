import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { buttonClass } from '@/components/ui/button';
import { BingxGuide } from '@/features/exchange/components/guide';

export function BingxGuidePage() {
  const t = useTranslations('bingxGuide');
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <Link to="/connections" className={buttonClass('primary')}>
            {t('toConnections')}
          </Link>
        }
      />
      <BingxGuide />
    </>
  );
}
