import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { SecretField } from '@/components/ui/secret-field';
import { EaGuide } from './ea-guide';

interface KeyDialogProps {
  account: Pick<Account, 'name' | 'platform' | 'copy_role'>;
  title: string;
  /** Shown while there is one. */
  apiKey: string | null;
  onClose: () => void;
}

/** A key that is shown this once, and what to do with it. */
export function KeyDialog({ account, title, apiKey, onClose }: KeyDialogProps) {
  const t = useTranslations();
  return (
    <Dialog
      isOpen={apiKey !== null}
      isSticky
      onClose={onClose}
      title={title}
      description={t('accountForms.created.once')}
    >
      {apiKey !== null && (
        <SecretField
          label={t('accountForms.apiKey')}
          secret={apiKey}
          hint={t('accountForms.apiKeyHint')}
          isShown
        />
      )}
      <h3 className="mt-6 mb-3 font-semibold">{t('guide.title')}</h3>
      <EaGuide {...account} />
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          {t('accountForms.created.done')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
