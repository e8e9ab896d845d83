import { useTranslations } from 'use-intl';
import type { Alert } from '@/api/types';

/** What is listed again: a master's trade, a copy that counted as closed, or the trade that a closed copy was of. */
function reopened({ copy_id, detail }: Alert): 'trade' | 'copy' | 'led' {
  if (copy_id === null) return 'trade';
  return detail.reason === undefined ? 'led' : 'copy';
}

/** What happened in one sentence, and what it means and what to do in the next. */
export function useAlertText(): (
  alert: Alert,
  accountName: string | undefined,
) => { title: string; body: string } {
  const t = useTranslations('alerts');
  return (alert, accountName) => {
    const values = {
      account: alert.detail.account ?? accountName ?? t('anAccount'),
      count: Number(alert.detail.open_copies ?? 1),
      device: alert.detail.device ?? '–',
      address: alert.detail.address ?? '–',
      takeovers: alert.detail.takeovers ?? '–',
      why: alert.detail.why ?? '–',
      rule: alert.detail.rule ?? '–',
      name: alert.detail.name ?? '–',
      action: alert.detail.action ?? 'notify',
      left: alert.detail.left ?? '–',
      measured: alert.detail.measured ?? '–',
      line: alert.detail.line ?? '–',
      text: alert.detail.text ?? '–',
      seconds: alert.detail.seconds ?? '–',
      is_partner: alert.detail.is_partner ?? 'false',
      is_restless: alert.detail.is_restless ?? 'false',
      is_gone: alert.detail.is_gone ?? 'false',
      is_ours: alert.detail.is_ours ?? 'false',
      is_known: alert.detail.is_known ?? 'false',
      symbol: alert.detail.symbol ?? '–',
      coins: alert.detail.coins ?? '–',
      minutes: Number(alert.detail.minutes ?? 0),
      what: reopened(alert),
      said: alert.detail.said ?? 'no',
      phase: alert.detail.phase ?? '–',
      since: alert.detail.since ?? 'none',
    };
    return {
      title: t(`kinds.${alert.kind}.title`, values),
      body: t(`kinds.${alert.kind}.body`, values),
    };
  };
}
