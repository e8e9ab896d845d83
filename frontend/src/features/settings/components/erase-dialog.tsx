import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { useEraseMe } from '../queries';

interface EraseDialogProps {
  user: User;
  onClose: () => void;
}

/** Asks for the own address and the password before everything of the user is erased. */
export function EraseDialog({ user, onClose }: EraseDialogProps) {
  const t = useTranslations();
  const erase = useEraseMe();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const isMeant = email.trim().toLowerCase() === user.email.toLowerCase() && password !== '';
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('settings.erase.title')}
      description={t('settings.erase.text')}
    >
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isMeant) erase.mutate(password);
        }}
      >
        <TextField
          label={t('settings.erase.email')}
          hint={user.email}
          type="email"
          autoComplete="off"
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label={t('settings.address.password')}
          type="password"
          autoComplete="current-password"
          onChange={(event) => setPassword(event.target.value)}
        />
        <ProblemText error={erase.error} />
        <DialogActions>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" look="danger" disabled={!isMeant} isBusy={erase.isPending}>
            {t('settings.erase.submit')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
