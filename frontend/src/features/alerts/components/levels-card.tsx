import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { AlertLevels, User } from '@/api/types';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Failure, Loading } from '@/components/states';
import { SelectField } from '@/components/ui/field';
import { alertLevelsQuery, SEVERITIES, usePutAlertLevels } from '../levels';

/** From how urgent on alerts are in the inbox, come up in the page, and are mailed. */
export function AlertLevelsCard({ user }: { user: User }) {
  const t = useTranslations('alertLevels');
  const levels = useQuery(alertLevelsQuery);
  return (
    <Card title={t('title')}>
      <p className="mb-4 text-muted text-pretty">{t('hint')}</p>
      {levels.isPending && <Loading rows={2} />}
      {levels.isError && <Failure error={levels.error} onRetry={() => void levels.refetch()} />}
      {levels.data && <Levels levels={levels.data} user={user} />}
    </Card>
  );
}

function Levels({ levels, user }: { levels: AlertLevels; user: User }) {
  const t = useTranslations('alertLevels');
  const put = usePutAlertLevels();
  const severities = SEVERITIES.map((value) => ({ value, label: t(`from.${value}`) }));
  const chosen = (text: string) => SEVERITIES.find((each) => each === text) ?? null;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t('inbox')}
          hint={t('inboxHint')}
          value={levels.inbox}
          onChange={(event) => {
            const inbox = chosen(event.currentTarget.value);
            if (inbox) put.mutate({ inbox });
          }}
          options={severities}
        />
        <SelectField
          label={t('popup')}
          hint={t('popupHint')}
          value={levels.popup ?? ''}
          onChange={(event) => put.mutate({ popup: chosen(event.currentTarget.value) })}
          options={[...severities, { value: '', label: t('never') }]}
        />
        <SelectField
          label={t('mail')}
          hint={user.email_verified ? t('mailHint', { email: user.email }) : t('mailUnverified')}
          value={levels.mail ?? ''}
          onChange={(event) => put.mutate({ mail: chosen(event.currentTarget.value) })}
          options={[...severities, { value: '', label: t('mailNever') }]}
        />
      </div>
      {put.isSuccess && (
        <p role="status" className="mt-3 text-safe">
          {t('saved')}
        </p>
      )}
      <ProblemText error={put.error} />
    </>
  );
}
