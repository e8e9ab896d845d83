import { CircleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import { en } from '@/lib/i18n/en';

type ProblemCode = keyof typeof en.errors.problem;

/** The sentence for an error, in the user's language where there is one. */
export function useProblemText(): (error: Error) => string {
  const t = useTranslations('errors.problem');
  return (error) => {
    const code = error instanceof ApiError ? error.code : 'unexpected';
    return isKnown(code) ? t(code) : t('other', { code });
  };
}

function isKnown(code: string): code is ProblemCode {
  return code in en.errors.problem && code !== 'other';
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
