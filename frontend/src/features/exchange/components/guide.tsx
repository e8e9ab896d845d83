import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/page';
import { exchangeKeysQuery } from '../known-keys';
import { Addresses } from './addresses';

const STEPS = ['open', 'create', 'permissions', 'withdraw', 'address', 'copy'] as const;
const BEFORE = ['account', 'demo', 'own'] as const;
const SAFETY = ['sealed', 'never', 'scope', 'watch', 'stop'] as const;
const CHECKS = ['permissions', 'uid', 'mode', 'balance'] as const;
const FAULTS = [
  'wrong_key',
  'wrong_secret',
  'withdraw_permission',
  'no_read_permission',
  'no_trade_permission',
  'ip_not_allowed',
  'uid_taken',
  'multi_assets',
  'wrong_environment',
  'restricted',
  'no_answer',
] as const;

/** All there is to know before a key is entered, and after it was refused. */
export function BingxGuide() {
  const t = useTranslations();
  const addresses = useQuery(exchangeKeysQuery).data?.egress_addresses ?? [];
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <Notes
          title={t('bingxGuide.before.title')}
          notes={BEFORE.map((note) => t(`bingxGuide.before.${note}`))}
        />
        <Card title={t('bingxGuide.steps.title')}>
          <StepList />
          <div className="mt-4">
            <Addresses addresses={addresses} />
          </div>
        </Card>
        <Card title={t('bingxGuide.trading.title')}>
          <p className="max-w-prose text-pretty">{t('bingxGuide.trading.text')}</p>
        </Card>
        <Card title={t('bingxGuide.problems.title')}>
          <p className="mb-2 text-muted">{t('bingxGuide.problems.text')}</p>
          <dl className="flex max-w-prose flex-col gap-3">
            {FAULTS.map((fault) => (
              <div key={fault}>
                <dt className="font-medium text-pretty">{t(`refusals.${fault}.what`)}</dt>
                <dd className="text-pretty text-muted">{t(`refusals.${fault}.todo`)}</dd>
              </div>
            ))}
          </dl>
        </Card>
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Notes
          title={t('bingxGuide.safety.title')}
          notes={SAFETY.map((note) => t(`bingxGuide.safety.${note}`))}
        />
        <Notes
          title={t('bingxGuide.check.title')}
          notes={CHECKS.map((note) => t(`bingxGuide.check.${note}`))}
        />
      </div>
    </div>
  );
}

function StepList() {
  const t = useTranslations('bingxGuide.steps');
  return (
    <ol className="flex flex-col gap-4">
      {STEPS.map((step, place) => (
        <li key={step} className="flex gap-3">
          <span
            aria-hidden
            className="figures mt-px flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft font-medium text-accent text-xs"
          >
            {place + 1}
          </span>
          <div className="min-w-0 max-w-prose">
            <h3 className="font-medium">{t(`${step}.title`)}</h3>
            <p className="text-pretty text-muted">{t(`${step}.text`)}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Some sentences under one heading. */
function Notes({ title, notes }: { title: string; notes: string[] }) {
  return (
    <Card title={title}>
      <ul className="flex max-w-prose list-disc flex-col gap-2 pl-5">
        {notes.map((note) => (
          <li key={note} className="text-pretty">
            {note}
          </li>
        ))}
      </ul>
    </Card>
  );
}
