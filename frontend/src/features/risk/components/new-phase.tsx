import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, BeginPhase, RiskTemplate } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { SelectField, TextAreaField } from '@/components/ui/field';
import { isDecimal } from '@/lib/decimal';
import { riskDefaultsQuery } from '../defaults-queries';
import { templatesQuery, useBeginPhase } from '../queries';
import { OfDefaults } from './of-defaults';
import { OfTemplate, sizeOf } from './of-template';
import { OwnLimits, type OwnValues, ownRules } from './own-limits';

interface NewPhaseProps {
  account: Pick<Account, 'id' | 'currency' | 'starting_balance' | 'balance'>;
  isOpen: boolean;
  /** The phase that ends was violated: why a new one begins is kept. */
  needsReason: boolean;
  /** The user's own defaults are chosen at first. */
  isOfDefaults?: boolean;
  onClose: () => void;
}

/** Chooses the rules of an account: those of a firm, or its owner's. */
export function NewPhase({ isOpen, ...form }: NewPhaseProps) {
  const t = useTranslations('risk.phase');
  const templates = useQuery(templatesQuery);
  return (
    <Dialog isOpen={isOpen} onClose={form.onClose} title={t('choose')}>
      {templates.isPending && <Loading rows={3} />}
      {templates.isError && (
        <Failure error={templates.error} onRetry={() => void templates.refetch()} />
      )}
      {isOpen && templates.data && <Choice templates={templates.data.templates} {...form} />}
    </Dialog>
  );
}

/** In place of a template: limits of one's own, or the user's defaults. */
const OWN = '';
const DEFAULTS = 'defaults:';

type ChoiceProps = Omit<NewPhaseProps, 'isOpen'> & { templates: RiskTemplate[] };

function Choice({ account, needsReason, templates, isOfDefaults = false, onClose }: ChoiceProps) {
  const t = useTranslations();
  const usable = templates.filter(({ market_sizes }) => market_sizes.length > 0);
  const [id, setId] = useState(isOfDefaults ? DEFAULTS : (usable[0]?.id ?? OWN));
  const [size, setSize] = useState('');
  const [own, setOwn] = useState<OwnValues>({
    balance: account.starting_balance ?? account.balance ?? '',
    daily: '5',
    total: '15',
  });
  const [reason, setReason] = useState('');
  const begin = useBeginPhase(account.id);
  const defaults = useQuery({ ...riskDefaultsQuery, enabled: id === DEFAULTS });
  const template = usable.find((each) => each.id === id);
  const chosen = sizeOf(template, size);
  const rules = id === DEFAULTS ? (defaults.data?.rules ?? []) : ownRules(own);
  const isKnown = id === DEFAULTS ? rules.length > 0 : isDecimal(own.daily) && isDecimal(own.total);
  const isWhole =
    (template !== undefined || (isKnown && isDecimal(own.balance))) &&
    (!needsReason || reason.trim() !== '');
  const body: BeginPhase = {
    ...(template && chosen !== undefined
      ? { template_id: template.id, size: chosen }
      : { rules, starting_balance: own.balance.trim() }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
  const { currency } = account;
  return (
    <>
      <div className="flex flex-col gap-4">
        <SelectField
          label={t('risk.phase.template')}
          value={id}
          onChange={(event) => setId(event.target.value)}
          options={[
            ...usable.map(({ id, firm, program, stage }) => ({
              value: id,
              label: `${firm} · ${program} · ${stage}`,
            })),
            { value: DEFAULTS, label: t('risk.phase.defaults') },
            { value: OWN, label: t('risk.phase.own') },
          ]}
        />
        {template && chosen !== undefined && (
          <OfTemplate template={template} size={chosen} currency={currency} onSize={setSize} />
        )}
        {id === DEFAULTS && <OfDefaults values={own} onChange={setOwn} currency={currency} />}
        {id === OWN && <OwnLimits values={own} onChange={setOwn} currency={currency} />}
        {needsReason && (
          <TextAreaField
            label={t('risk.phase.reason')}
            hint={t('risk.phase.reasonHint')}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </div>
      <ProblemText error={begin.error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button
          look="primary"
          isBusy={begin.isPending}
          disabled={!isWhole}
          onClick={() => begin.mutate(body, { onSuccess: onClose })}
        >
          {t('risk.phase.begin')}
        </Button>
      </DialogActions>
    </>
  );
}
