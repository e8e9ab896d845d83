import { useQuery } from '@tanstack/react-query';
import { Clock, TriangleAlert } from 'lucide-react';
import { useFormatter, useTranslations } from 'use-intl';
import { sign } from '@/lib/decimal';
import { type NamedMaster, previewQuery } from '../queries';

interface FollowPreviewProps {
  /** One that trades at an exchange. */
  accountId: string;
  master: NamedMaster;
}

/** Before an account at an exchange follows: how long its orders wait for their turn there. */
export function FollowPreview({ accountId, master }: FollowPreviewProps) {
  const t = useTranslations('follow.preview');
  const format = useFormatter();
  const preview = useQuery(previewQuery(accountId, master)).data;
  if (!preview?.pace) return null;
  const { followers, last_order_after_s: last, too_old_share: share } = preview.pace;
  const seconds = format.number(Number(last), { maximumFractionDigits: Number(last) < 10 ? 1 : 0 });
  return (
    <div role="status" className="mt-3 flex flex-col gap-2 text-pretty text-sm">
      <p className="flex items-start gap-2">
        <Clock aria-hidden size={16} className="mt-0.5 shrink-0 text-muted" />
        <span>{t('last', { count: followers, seconds })}</span>
      </p>
      {sign(share) > 0 && (
        <p className="flex items-start gap-2 text-caution">
          <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
          <span>
            {t('tooOld', {
              share: format.number(Number(share), { style: 'percent', maximumFractionDigits: 1 }),
              age: preview.settings.max_age_s,
            })}
          </span>
        </p>
      )}
    </div>
  );
}
