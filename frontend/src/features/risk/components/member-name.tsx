import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight, Lock } from 'lucide-react';
import { Fragment } from 'react';
import { useTranslations } from 'use-intl';
import type { RiskSummary } from '@/api/types';
import { Pill } from '@/components/pill';
import { Moment } from '@/components/time';
import { VenueMark } from '@/components/venue-mark';
import { templatesQuery } from '../queries';

/** The name of an account of a group, its programme, and whose trades it copies. */
export function MemberName({ member, isWeakest }: { member: RiskSummary; isWeakest: boolean }) {
  const t = useTranslations('risk.members');
  return (
    <span className="flex flex-col items-start gap-0.5">
      <span className="flex flex-wrap items-center gap-2">
        <Link
          to="/risk/$accountId"
          params={{ accountId: member.account_id }}
          className="font-medium text-accent [overflow-wrap:anywhere] hover:underline"
        >
          {member.account_name}
        </Link>
        <VenueMark accountId={member.account_id} showsKey />
        {isWeakest && (
          <Pill tone="accent" icon={ArrowRight}>
            {t('weakest')}
          </Pill>
        )}
        <HeldBack member={member} />
      </span>
      <TemplateName id={member.template_id ?? null} />
      <CopiesFrom masters={member.copies_from} />
    </span>
  );
}

/** What keeps it from copying: a guard until somebody resumes, or a crossed line for a while. */
function HeldBack({ member }: { member: RiskSummary }) {
  const t = useTranslations('risk.members');
  const { guard_stopped, pause_ends_at } = member;
  if (!guard_stopped && !pause_ends_at) return null;
  return (
    <Pill tone="critical" icon={Lock}>
      {guard_stopped || !pause_ends_at
        ? t('guardStopped')
        : t.rich('paused', { until: () => <Moment at={pause_ends_at} /> })}
    </Pill>
  );
}

/** The firm and the programme whose rules it has. */
function TemplateName({ id }: { id: string | null }) {
  const templates = useQuery({ ...templatesQuery, enabled: id !== null });
  const found = templates.data?.templates.find((template) => template.id === id);
  if (!found) return null;
  return (
    <span className="font-normal text-muted text-xs [overflow-wrap:anywhere]">
      {found.firm} · {found.program}
    </span>
  );
}

/** Whose trades it copies; those of the user lead to their page. */
function CopiesFrom({ masters }: { masters: RiskSummary['copies_from'] }) {
  const t = useTranslations('risk.members');
  if (masters.length === 0) return null;
  return (
    <span className="font-normal text-muted text-xs [overflow-wrap:anywhere]">
      {t('copies')}{' '}
      {masters.map(({ account_id: accountId, name }, place) => (
        <Fragment key={accountId ?? name}>
          {place > 0 && ', '}
          {accountId ? (
            <Link
              to="/dashboard/$accountId"
              params={{ accountId }}
              className="underline underline-offset-2 hover:text-accent"
            >
              {name}
            </Link>
          ) : (
            name
          )}
        </Fragment>
      ))}
    </span>
  );
}
