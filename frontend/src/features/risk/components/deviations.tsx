import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { Deviation, GroupRisk } from '@/api/types';
import { Pill } from '@/components/pill';
import { useDeviationText } from '../deviation-words';

const TONES = { missing: 'critical', looser: 'caution', different: 'neutral' } as const;

/** Who does not follow the rules of the group, and in what. */
export function Deviations({ risk }: { risk: GroupRisk }) {
  const t = useTranslations('risk.required');
  const { deviations, deviations_total: total } = risk;
  const accounts = [...new Set(deviations.map(({ account_id }) => account_id))];
  return (
    <>
      <ul aria-label={t('deviations')} className="divide-y divide-line border-line border-t">
        {accounts.map((accountId) => (
          <OfAccount
            key={accountId}
            deviations={deviations.filter(({ account_id }) => account_id === accountId)}
          />
        ))}
      </ul>
      {total > deviations.length && (
        <p className="border-line border-t px-4 py-2.5 text-muted text-sm">
          {t('more', { count: total - deviations.length })}
        </p>
      )}
    </>
  );
}

function OfAccount({ deviations }: { deviations: Deviation[] }) {
  const [first] = deviations;
  if (!first) return null;
  return (
    <li className="px-4 py-3">
      <Link
        to="/risk/$accountId"
        params={{ accountId: first.account_id }}
        className="font-medium text-accent [overflow-wrap:anywhere] hover:underline"
      >
        {first.account_name}
      </Link>
      <ul className="mt-1.5 flex flex-col gap-2.5">
        {deviations.map((deviation) => (
          <One key={deviation.rule_id} deviation={deviation} />
        ))}
      </ul>
    </li>
  );
}

function One({ deviation }: { deviation: Deviation }) {
  const t = useTranslations();
  const kind = t(`riskWords.kinds.${deviation.kind}`);
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-0.5 text-sm">
      <span className="min-w-0 flex-1">
        <span className="font-medium">{kind}</span>
        <span className="block text-muted text-pretty">
          <What deviation={deviation} />
        </span>
      </span>
      <Pill tone={TONES[deviation.deviation]}>
        {t(`risk.required.kinds.${deviation.deviation}`)}
      </Pill>
    </li>
  );
}

/** `Line: 5,000.00 USD required, 6,000.00 USD set`. */
function What({ deviation }: { deviation: Deviation }) {
  const t = useTranslations('risk.required');
  const write = useDeviationText();
  const { required, actual, field } = deviation;
  const text = (value: string | null) => (value === null ? null : write(deviation, value));
  const [demanded, set] = [text(required), text(actual)];
  if (deviation.deviation === 'missing') {
    return demanded ? t('missing', { required: demanded }) : t('missingPlain');
  }
  const difference =
    demanded && set
      ? t('differs', { required: demanded, actual: set })
      : demanded
        ? t('isNone', { required: demanded })
        : t('differsPlain');
  return field ? `${t(`fields.${field}`)}: ${difference}` : difference;
}
