import { useTranslations } from 'use-intl';
import type { User } from '@/api/types';
import { Card, Facts } from '@/components/page';
import { Moment } from '@/components/time';
import { NameForm } from './name-form';

export function Profile({ user }: { user: User }) {
  const t = useTranslations('settings');
  return (
    <Card title={t('profile')}>
      <NameForm key={user.name} name={user.name} />
      <div className="mt-4">
        <Facts
          facts={[
            { name: t('role'), value: t(`roles.${user.role}`) },
            { name: t('joined'), value: <Moment at={user.created_at} format="date" /> },
            ...(user.last_login_at
              ? [{ name: t('lastSignIn'), value: <Moment at={user.last_login_at} format="full" /> }]
              : []),
          ]}
        />
      </div>
    </Card>
  );
}
