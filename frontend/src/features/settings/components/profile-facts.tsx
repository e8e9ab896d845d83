import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '@/api/types';
import { Card, Facts } from '@/components/page';
import { Pill } from '@/components/pill';
import { Ago, Moment } from '@/components/time';

interface ProfileFactsProps {
  user: User;
  /** What other features know of the user. */
  more: { name: string; value: ReactNode }[];
}

/** Who the user is here. */
export function ProfileFacts({ user, more }: ProfileFactsProps) {
  const t = useTranslations('settings');
  return (
    <Card title={t('profile')}>
      <Facts
        facts={[
          { name: t('email'), value: <Address user={user} /> },
          { name: t('role'), value: t(`roles.${user.role}`) },
          { name: t('joined'), value: <Moment at={user.created_at} format="date" /> },
          ...(user.last_login_at
            ? [{ name: t('lastSignIn'), value: <Ago at={user.last_login_at} /> }]
            : []),
          ...more,
        ]}
      />
    </Card>
  );
}

function Address({ user }: { user: User }) {
  const t = useTranslations('settings.address');
  return (
    <span className="inline-flex flex-wrap items-center justify-end gap-2">
      {user.email}
      {user.email_verified ? (
        <Pill tone="safe" icon={CircleCheck}>
          {t('verified')}
        </Pill>
      ) : (
        <Pill tone="caution" icon={CircleAlert}>
          {t('unverified')}
        </Pill>
      )}
    </span>
  );
}
