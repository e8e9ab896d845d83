import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { RiskTemplate } from '@/api/types';
import { Facts } from '@/components/page';
import { rulesQuery, templatesQuery } from '../queries';

const WAYS = ['own_accounts', 'other_people', 'copier_programs'] as const;

function PageLink({ address, children }: { address: string; children: ReactNode }) {
  return (
    <a
      href={address}
      target="_blank"
      rel="noreferrer"
      className="text-accent underline [overflow-wrap:anywhere]"
    >
      {children}
    </a>
  );
}

interface CopyPolicyProps {
  template: RiskTemplate;
  /** The confidence in words, as of the other values. */
  confidenceOf: (confidence: string) => string;
}

/** What the firm of a template says about copying: each way, from which page, read when. */
export function CopyPolicy({ template, confidenceOf }: CopyPolicyProps) {
  const t = useTranslations('copyPolicy');
  const { firm, copying } = template;
  if (!copying) {
    return (
      <p className="flex items-start gap-2 text-caution text-pretty text-sm">
        <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
        {t('notEstablished', { firm })}
      </p>
    );
  }
  return (
    <section aria-label={t('title')} className="rounded-card border border-line px-3 py-2">
      <h3 className="font-medium">{t('title')}</h3>
      <Facts
        facts={WAYS.map((way) => ({ name: t(`ways.${way}`), value: t(`stances.${copying[way]}`) }))}
      />
      <p lang="en" className="text-muted text-pretty text-sm">
        {copying.notes}
      </p>
      <p className="mt-1 text-muted text-pretty text-sm">
        {t('readOn', { date: copying.read_on, confidence: confidenceOf(copying.confidence) })}{' '}
        <PageLink address={copying.source}>{t('source')}</PageLink>
      </p>
    </section>
  );
}

/** One sentence, where an account that follows a firm's rules is about to copy; nothing for other accounts. */
export function CopyPolicyNote({ accountId }: { accountId: string }) {
  const t = useTranslations('copyPolicy');
  const templateId = useQuery(rulesQuery(accountId)).data?.template_id ?? null;
  const templates = useQuery({ ...templatesQuery, enabled: templateId !== null });
  const template = templates.data?.templates.find(({ id }) => id === templateId);
  if (!template) return null;
  const { firm, copying } = template;
  const stance = (way: (typeof WAYS)[number]) =>
    t(`stances.${copying?.[way] ?? 'not_established'}`);
  return (
    <p className="mt-3 flex items-start gap-2 text-caution text-pretty text-sm">
      <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
      <span>
        {copying
          ? t.rich('sentence', {
              firm,
              own: stance('own_accounts'),
              others: stance('other_people'),
              programs: stance('copier_programs'),
              link: (text) => <PageLink address={copying.source}>{text}</PageLink>,
            })
          : t('notEstablished', { firm })}
      </span>
    </p>
  );
}
