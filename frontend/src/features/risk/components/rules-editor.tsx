import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiError, type OtherEdit } from '@/api/problem';
import type { AccountRules, RiskRule } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { SwitchRow } from '@/components/ui/switch';
import { Unsaved } from '@/components/ui/unsaved';
import { rulesQuery, usePutRules } from '../queries';
import {
  canCountPending,
  edited,
  faultOf,
  figureOf,
  measureOf,
  type RuleValues,
  type TypedField,
  valuesOf,
} from '../rule-values';
import { useRuleText } from '../rule-words';
import { isCounted } from '../status';

interface RulesEditorProps {
  accountId: string;
  /** As the server has them. */
  rules: AccountRules;
  isOpen: boolean;
  onClose: () => void;
}

export function RulesEditor({ isOpen, ...form }: RulesEditorProps) {
  const t = useTranslations('risk.edit');
  return (
    <Dialog isOpen={isOpen} onClose={form.onClose} title={t('title')} description={t('hint')}>
      {isOpen && <Form {...form} />}
    </Dialog>
  );
}

/** What was typed, by rule: whatever was not follows the server. */
type Typed = Record<string, Partial<RuleValues>>;

const OBJECTIVES: readonly RiskRule['kind'][] = [
  'profit_target',
  'consistency',
  'min_trading_days',
];

/** What was typed outlives a conflict: the newer rules are shown beside it. */
function Form({ accountId, rules: first, onClose }: Omit<RulesEditorProps, 'isOpen'>) {
  const t = useTranslations();
  const newest = useQuery(rulesQuery(accountId)).data ?? first;
  const [base, setBase] = useState(first);
  const [typed, setTyped] = useState<Typed>({});
  const put = usePutRules(accountId);
  const again = useQuery(rulesQuery(accountId)).refetch;
  const refusal = put.error instanceof ApiError ? put.error : null;
  const isConflict = refusal?.code === 'stale_version';
  const values = (rule: RiskRule) => ({ ...valuesOf(rule), ...typed[rule.id] });
  const newerOf = ({ id }: RiskRule) =>
    isConflict && typed[id] ? newest.rules.find((rule) => rule.id === id) : undefined;
  const isWhole = base.rules.every((rule) =>
    (['value', 'caution', 'critical'] as const).every(
      (field) => faultOf(rule, values(rule), field) === undefined,
    ),
  );

  function save(): void {
    const body = {
      version: base.version,
      rules: base.rules.map((rule) => edited(rule, values(rule))),
    };
    put.mutate(body, {
      onSuccess: onClose,
      onError: (error) => {
        if (!(error instanceof ApiError) || error.code !== 'stale_version') return;
        void again().then(({ data }) => data && setBase(data));
      },
    });
  }

  return (
    <>
      <div className="flex flex-col gap-5">
        {base.rules.map((rule) => (
          <RuleFields
            key={rule.id}
            rule={rule}
            values={values(rule)}
            currency={base.currency}
            marks={base.thresholds}
            newer={newerOf(rule)}
            onChange={(changed) =>
              setTyped({ ...typed, [rule.id]: { ...typed[rule.id], ...changed } })
            }
          />
        ))}
      </div>
      {isConflict ? (
        <p role="alert" className="mt-4 text-caution text-pretty">
          <Conflict edit={refusal?.otherEdit ?? null} />
        </p>
      ) : (
        <ProblemText error={put.error} />
      )}
      <Unsaved when={Object.keys(typed).length > 0} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button look="primary" isBusy={put.isPending} disabled={!isWhole} onClick={save}>
          {t(isConflict ? 'risk.edit.saveAgain' : 'common.save')}
        </Button>
      </DialogActions>
    </>
  );
}

/** Who was faster, if that is known, and that nothing is lost. */
function Conflict({ edit }: { edit: OtherEdit | null }) {
  const t = useTranslations('risk.edit');
  if (!edit) return t('conflict');
  const { by: name, at } = edit;
  return t.rich('conflictWith', { name, at: () => <Moment at={at} format="short" /> });
}

interface RuleFieldsProps {
  rule: RiskRule;
  values: RuleValues;
  currency: string;
  /** Marks of limits that have none of their own. */
  marks: AccountRules['thresholds'];
  /** What it is now, where somebody was faster and it is typed here too. */
  newer: RiskRule | undefined;
  onChange: (changed: Partial<Record<TypedField, string>> | Pick<RuleValues, 'pending'>) => void;
}

function RuleFields({ rule, values, currency, marks, newer, onChange }: RuleFieldsProps) {
  const t = useTranslations();
  const usual = isCounted(rule.kind) ? marks.count : marks.money;
  const label = (field: TypedField) =>
    field === 'value'
      ? t(`risk.edit.values.${measureOf(rule)}`, { currency })
      : t(`risk.edit.fields.${field}`);
  const text = useRuleText();
  const isLimit = !OBJECTIVES.includes(rule.kind);
  const fields = [
    ...(figureOf(rule) === null ? [] : (['value'] as const)),
    ...(isLimit ? (['caution', 'critical'] as const) : []),
  ];
  return (
    <fieldset className="min-w-0">
      <legend className="font-semibold">{t(`riskWords.kinds.${rule.kind}`)}</legend>
      <p className="mb-2 text-muted text-sm">
        {newer ? t('risk.edit.newer', { value: text(newer, currency) }) : text(rule, currency)}
      </p>
      <div className="grid grid-cols-3 gap-3">
        {fields.map((field) => (
          <TextField
            key={field}
            label={label(field)}
            inputMode="decimal"
            autoComplete="off"
            placeholder={field === 'value' ? undefined : usual[field]}
            value={values[field]}
            onChange={(event) => onChange({ [field]: event.target.value })}
            error={faultOf(rule, values, field)}
          />
        ))}
      </div>
      {canCountPending(rule) && (
        <div className="mt-3">
          <SwitchRow
            label={t('risk.edit.pending')}
            hint={t('risk.edit.pendingHint')}
            isOn={values.pending}
            onChange={(pending) => onChange({ pending })}
          />
        </div>
      )}
    </fieldset>
  );
}
