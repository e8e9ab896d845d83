import { CircleAlert } from 'lucide-react';
import { useMessages, useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { KeyFault } from '@/api/types';
import { ProblemText } from '@/components/problem';
import type { Messages } from '@/lib/i18n/i18n';

/** Whether a word from outside is a reason why a key does not work. */
function useFaultOf(): (code: string) => KeyFault | null {
  const known: Record<KeyFault, unknown> = useMessages().refusals satisfies Messages['refusals'];
  const isFault = (code: string): code is KeyFault => Object.hasOwn(known, code);
  return (code) => (isFault(code) ? code : null);
}

interface FaultProps {
  fault: KeyFault;
  /** The exchange's own words. */
  text?: string | null | undefined;
}

/** What is wrong with a key, and what to do about it. */
export function FaultText({ fault, text }: FaultProps) {
  const t = useTranslations('refusals');
  return (
    <>
      <p className="font-medium text-pretty">{t(`${fault}.what`)}</p>
      <p className="text-pretty">{t(`${fault}.todo`)}</p>
      {text && (
        <p className="mt-1 text-muted text-sm [overflow-wrap:anywhere]">{t('said', { text })}</p>
      )}
    </>
  );
}

/** Why a key was not taken, or why asking failed. */
export function Refusal({ error }: { error: Error | null }) {
  const t = useTranslations('refusals');
  const faultOf = useFaultOf();
  if (!error) return null;
  const [refused] = error instanceof ApiError && error.code === 'key_refused' ? error.fields : [];
  const fault = refused ? faultOf(refused.code) : null;
  if (!fault) return <ProblemText error={error} />;
  return (
    <div
      role="alert"
      className="flex items-start gap-3 rounded-card border border-negative/50 px-3 py-2.5"
    >
      <CircleAlert aria-hidden size={20} className="mt-0.5 shrink-0 text-negative" />
      <div className="min-w-0">
        <p className="sr-only">{t('title')}</p>
        <FaultText fault={fault} />
      </div>
    </div>
  );
}
