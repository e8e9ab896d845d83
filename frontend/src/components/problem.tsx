import { CircleAlert } from 'lucide-react';
import { useMessages, useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { Messages } from '@/lib/i18n/i18n';

type ProblemCode = keyof Messages['errors']['problem'];
type DeclinedCode = keyof Messages['declined'];

/** The sentence for an error, in the user's language where there is one. */
export function useProblemText(): (error: Error) => string {
  const t = useTranslations();
  // Why what only signed-in users ask for is declined is not there before.
  const { errors, declined }: Pick<Messages, 'errors'> & Partial<Messages> = useMessages();
  const isProblem = (code: string): code is ProblemCode =>
    code in errors.problem && code !== 'other';
  const isDeclined = (code: string): code is DeclinedCode =>
    declined !== undefined && code in declined;
  return (error) => {
    const code = error instanceof ApiError ? error.code : 'unexpected';
    if (isDeclined(code)) return t(`declined.${code}`);
    return isProblem(code) ? t(`errors.problem.${code}`) : t('errors.problem.other', { code });
  };
}

/** Why an action failed, below its form. Says nothing while there is no error. */
export function ProblemText({ error }: { error: Error | null }) {
  const text = useProblemText();
  if (!error) return null;
  return (
    <p role="alert" className="mt-4 flex items-start gap-2 text-negative">
      <CircleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
      <span>{text(error)}</span>
    </p>
  );
}
