import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, LoaderCircle, Unplug } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Operation } from '@/api/types';
import { Failure, Loading } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { ProgressBar } from '@/components/ui/progress-bar';
import { VenueMark } from '@/components/venue-mark';
import { isUnderWay, operationQuery } from '../queries';

interface StopProgressProps {
  operationId: string | null;
  onClose: () => void;
}

/** How far a stop is, per account, until the last close is evidenced. */
export function StopProgress({ operationId, onClose }: StopProgressProps) {
  const t = useTranslations();
  const query = useQuery({
    ...operationQuery(operationId ?? ''),
    enabled: operationId !== null,
  });
  const title = query.data ? t(`stopping.progressTitle.${query.data.action}`) : t('stopping.title');
  return (
    <Dialog isOpen={operationId !== null} onClose={onClose} title={title}>
      {query.isPending && <Loading rows={2} />}
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Progress operation={query.data} />}
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          {t('common.close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Progress({ operation }: { operation: Operation }) {
  const t = useTranslations('stopping');
  return (
    <>
      <Summary operation={operation} />
      {operation.accounts.length > 0 && (
        <ul className="mt-4 flex flex-col gap-4">
          {operation.accounts.map((account) => (
            <AccountProgress key={account.account_id} account={account} />
          ))}
        </ul>
      )}
      {isUnderWay(operation) && <p className="mt-4 text-pretty text-muted text-sm">{t('leave')}</p>}
    </>
  );
}

/** One line: what has happened so far. */
function Summary({ operation }: { operation: Operation }) {
  const t = useTranslations('stopping');
  const { state, action, done, total } = operation;
  const closes = action === 'flatten' || action === 'close_account';
  if (state === 'failed') return <Line icon={CircleX} tone="text-negative" text={t('failed')} />;
  if (state === 'done') {
    const text = closes ? t(total > 0 ? 'done' : 'nothing') : t('doneStop');
    return <Line icon={CircleCheck} tone="text-safe" text={text} />;
  }
  const text = state === 'pending' || total === 0 ? t('waiting') : t('closed', { done, total });
  return <Line icon={LoaderCircle} tone="animate-spin text-muted" text={text} />;
}

function Line({ icon: Icon, tone, text }: { icon: typeof CircleX; tone: string; text: string }) {
  return (
    <p role="status" className="flex items-start gap-2">
      <Icon aria-hidden size={20} className={`shrink-0 ${tone}`} />
      <span className="text-pretty">{text}</span>
    </p>
  );
}

function AccountProgress({ account }: { account: Operation['accounts'][number] }) {
  const t = useTranslations('stopping');
  const { name, done, total, reachable } = account;
  const isWaiting = !reachable && done < total;
  return (
    <li>
      <div className="flex items-baseline justify-between gap-3">
        <span className="flex min-w-0 flex-wrap items-center gap-x-2">
          <span className="min-w-0 font-medium [overflow-wrap:anywhere]">{name}</span>
          <VenueMark accountId={account.account_id} showsKey />
        </span>
        <span className="figures whitespace-nowrap text-muted">{t('closed', { done, total })}</span>
      </div>
      <div className="mt-1.5">
        <ProgressBar label={t('progressOf', { name })} done={done} total={total} />
      </div>
      {isWaiting && (
        <p className="mt-1.5 flex items-start gap-1.5 text-caution text-sm">
          <Unplug aria-hidden size={14} className="mt-0.5 shrink-0" />
          <span className="text-pretty">{t('unreachable')}</span>
        </p>
      )}
    </li>
  );
}
