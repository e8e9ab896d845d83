import { CircleCheck, ListChecks, TriangleAlert } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Group, GroupRisk } from '@/api/types';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useRequireRules } from '../group-queries';
import { Deviations } from './deviations';
import { RuleFacts } from './rule-facts';

const RequireDialog = lazy(async () => ({
  default: (await import('./require-dialog')).RequireDialog,
}));

interface RequiredRulesCardProps {
  group: Group;
  risk: GroupRisk;
}

/** The rules that all accounts of a group have to follow, and who does not. */
export function RequiredRulesCard({ group, risk }: RequiredRulesCardProps) {
  const t = useTranslations('risk.required');
  const [asked, setAsked] = useState<'require' | 'remove' | null>(null);
  const remove = useRequireRules(group);
  // What came since it was asked is refused, not replaced.
  const [version, setVersion] = useState(group.version);
  const close = () => setAsked(null);
  function askToRemove(): void {
    setVersion(group.version);
    setAsked('remove');
  }
  const { required_rules: required } = risk;
  return (
    <Card title={t('title')} isFlush>
      {required ? (
        <>
          <Verdict risk={risk} />
          {risk.deviations.length > 0 && <Deviations risk={risk} />}
          <div className="border-line border-y px-4 py-1">
            <RuleFacts rules={required.rules} currency={risk.base_currency} />
          </div>
        </>
      ) : (
        <p className="px-4 pt-3 text-muted text-pretty">{t('none')}</p>
      )}
      <div className="flex flex-wrap gap-2 px-4 py-3">
        <Button {...(!required && { icon: ListChecks })} onClick={() => setAsked('require')}>
          {t(required ? 'change' : 'require')}
        </Button>
        {required && (
          <Button look="quiet" onClick={askToRemove}>
            {t('remove')}
          </Button>
        )}
      </div>
      <Later isWanted={asked === 'require'}>
        <RequireDialog
          isOpen={asked === 'require'}
          group={group}
          members={risk.members}
          onClose={close}
        />
      </Later>
      <ConfirmDialog
        isOpen={asked === 'remove'}
        onClose={close}
        onConfirm={() => remove.mutate({ rules: null, version }, { onSuccess: close })}
        title={t('removeTitle', { name: group.name })}
        consequence={t('removeText')}
        verb={t('remove')}
        isBusy={remove.isPending}
        error={remove.error}
        isDanger={false}
      />
    </Card>
  );
}

function Verdict({ risk }: { risk: GroupRisk }) {
  const t = useTranslations('risk.required');
  const count = risk.deviating_accounts.length;
  const Icon = count > 0 ? TriangleAlert : CircleCheck;
  return (
    <p className={`flex items-start gap-2 px-4 py-3 ${count > 0 ? 'text-caution' : 'text-safe'}`}>
      <Icon aria-hidden size={20} className="shrink-0" />
      <span className="text-pretty font-medium">
        {count > 0 ? t('deviate', { count, total: risk.members.length }) : t('all')}
      </span>
    </p>
  );
}
