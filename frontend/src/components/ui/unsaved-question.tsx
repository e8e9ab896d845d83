import { useTranslations } from 'use-intl';
import { Button } from './button';
import { Dialog, DialogActions } from './dialog';

interface UnsavedQuestionProps {
  isOpen: boolean;
  onAnswer: (isLost: boolean) => void;
}

/** The question before what was typed is lost. */
export function UnsavedQuestion({ isOpen, onAnswer }: UnsavedQuestionProps) {
  const t = useTranslations('unsaved');
  return (
    <Dialog
      isOpen={isOpen}
      onClose={() => onAnswer(false)}
      title={t('title')}
      description={t('text')}
    >
      <DialogActions>
        <Button onClick={() => onAnswer(false)}>{t('keep')}</Button>
        <Button look="danger" onClick={() => onAnswer(true)}>
          {t('lose')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
