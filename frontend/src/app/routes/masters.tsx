import { getRouteApi } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { PageHeader } from '@/components/page';
import { Directory } from '@/features/masters/components/directory';

const route = getRouteApi('/signed-in/masters');

export function MastersPage() {
  const t = useTranslations('masters');
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <Directory
        filter={route.useSearch()}
        onChange={({ search, sort }) =>
          void navigate({
            search: { ...(search && { search }), ...(sort && { sort }) },
            replace: true,
          })
        }
      />
    </>
  );
}
