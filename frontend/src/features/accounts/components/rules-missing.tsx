import { useTranslations } from 'use-intl';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';

interface RulesMissingProps {
  /** Of the account. */
  name: string;
  error: Error | null;
  isBusy: boolean;
  onRetry: () => void;
  /** Its key comes next. */
  onSkip: () => void;
}

/** Says that an account was created and its rules were not, and what can be done. */
export function RulesMissing({ name, error, isBusy, onRetry, onSkip }: RulesMissingProps) {
  const t = useTranslations('accountForms.rulesMissing');
  return (
    <Dialog isOpen isSticky onClose={onSkip} title={t('title', { name })} description={t('text')}>
      <ProblemText error={error} />
      <DialogActions>
        <Button onClick={onSkip} disabled={isBusy}>
          {t('skip')}
        </Button>
        <Button look="primary" isBusy={isBusy} onClick={onRetry}>
          {t('retry')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
