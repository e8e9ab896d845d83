import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Group, RiskRule, RiskSummary, RiskTemplate } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { SelectField } from '@/components/ui/field';
import { useRequireRules } from '../group-queries';
import { rulesQuery, templatesQuery } from '../queries';
import { hasAmounts } from '../rule-values';
import { OfTemplate, sizeOf } from './of-template';
import { RuleFacts } from './rule-facts';

interface RequireDialogProps {
  isOpen: boolean;
  group: Group;
  members: readonly RiskSummary[];
  onClose: () => void;
}

/** Chooses what all accounts of a group have to follow: a firm's rules, or those of one of them. */
export function RequireDialog({ isOpen, ...form }: RequireDialogProps) {
  const t = useTranslations('risk.required');
  const templates = useQuery(templatesQuery);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={form.onClose}
      title={t('requireFor', { name: form.group.name })}
      description={t('requireHint')}
    >
      {isOpen && templates.isPending && <Loading rows={3} />}
      {templates.isError && (
        <Failure error={templates.error} onRetry={() => void templates.refetch()} />
      )}
      {isOpen && templates.data && <Choice templates={templates.data.templates} {...form} />}
    </Dialog>
  );
}

type ChoiceProps = Omit<RequireDialogProps, 'isOpen'> & { templates: RiskTemplate[] };

/** Before the id of an account, to tell it from a template's. */
const OF_MEMBER = 'account:';

function Choice({ group, members, templates, onClose }: ChoiceProps) {
  const t = useTranslations();
  const usable = templates.filter(({ market_sizes }) => market_sizes.length > 0);
  const judged = members.filter(({ reason }) => reason !== 'no_phase');
  const options = useOptions(judged, usable);
  const [chosen, setChosen] = useState(options[0]?.value ?? '');
  const [typedSize, setSize] = useState('');
  const template = usable.find(({ id }) => id === chosen);
  const size = sizeOf(template, typedSize);
  const member = judged.find(({ account_id }) => OF_MEMBER + account_id === chosen);
  const own = useQuery({ ...rulesQuery(member?.account_id ?? ''), enabled: member !== undefined });
  const isForeign =
    member !== undefined &&
    member.currency !== group.base_currency &&
    (own.data?.rules.some(hasAmounts) ?? false);
  const require = useRequireRules(group);
  // What came since is refused, not replaced.
  const [version] = useState(group.version);
  const body =
    template && size !== undefined
      ? { template_id: template.id, template_size: size }
      : own.data && !isForeign && own.data.rules.length > 0
        ? { rules: own.data.rules }
        : null;
  return (
    <>
      <div className="flex flex-col gap-4">
        <SelectField
          label={t('risk.required.from')}
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
          options={options}
        />
        {template && size !== undefined && (
          <OfTemplate
            template={template}
            size={size}
            currency={group.base_currency}
            onSize={setSize}
          />
        )}
        {member && own.data && <OfMember rules={own.data.rules} currency={member.currency} />}
        {member && own.isPending && <Loading rows={3} />}
        {isForeign && (
          <p role="alert" className="text-caution text-pretty">
            {t('risk.required.foreign', { own: member.currency, base: group.base_currency })}
          </p>
        )}
      </div>
      <ProblemText error={require.error ?? own.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button
          look="primary"
          isBusy={require.isPending}
          disabled={body === null}
          onClick={() => require.mutate({ rules: body, version }, { onSuccess: onClose })}
        >
          {t('risk.required.verb')}
        </Button>
      </DialogActions>
    </>
  );
}

/** The accounts first: most groups have one that is right already. */
function useOptions(members: readonly RiskSummary[], templates: readonly RiskTemplate[]) {
  const t = useTranslations('risk.required');
  return [
    ...members.map(({ account_id, account_name }) => ({
      value: OF_MEMBER + account_id,
      label: t('asOf', { account: account_name }),
    })),
    ...templates.map(({ id, firm, program, stage }) => ({
      value: id,
      label: `${firm} · ${program} · ${stage}`,
    })),
  ];
}

function OfMember({ rules, currency }: { rules: readonly RiskRule[]; currency: string }) {
  return (
    <div className="rounded-card border border-line px-3">
      <RuleFacts rules={rules} currency={currency} />
    </div>
  );
}
