import { useState } from 'react';
import { useTimeZone, useTranslations } from 'use-intl';
import type { Account, ImportReport } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { Unsaved } from '@/components/ui/unsaved';
import { LARGEST_FILE, useImport } from '../imports';
import { type ImportChoice, ImportFields } from './import-fields';
import { ImportFindings } from './import-findings';
import { ImportMapping } from './import-mapping';
import { ImportProgress } from './import-progress';

interface ImportDialogProps {
  isOpen: boolean;
  onClose: () => void;
  accounts: Account[];
  accountId?: string | undefined;
}

/** Takes trades in from a file, once what is in it was seen. */
export function ImportDialog({ isOpen, onClose, ...form }: ImportDialogProps) {
  const t = useTranslations('imports');
  const [isTaking, setTaking] = useState(false);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      isBusy={isTaking}
      title={t('title')}
      description={t('intro')}
      isWide
    >
      <ImportForm onClose={onClose} onTaking={setTaking} {...form} />
    </Dialog>
  );
}

interface FormProps extends Omit<ImportDialogProps, 'isOpen'> {
  /** Its trades are being written: what came of it must be heard. */
  onTaking: (isTaking: boolean) => void;
}

function ImportForm({ accounts, accountId, onClose, onTaking }: FormProps) {
  const t = useTranslations();
  const look = useImport();
  const take = useImport();
  const ownZone = useTimeZone() ?? 'UTC';
  const [choice, setChoice] = useState<ImportChoice>({
    file: null,
    accountId: accounts.find(({ id }) => id === accountId)?.id ?? accounts[0]?.id ?? '',
    preset: 'flotilla',
    mapping: {},
    decimal: 'auto',
    dateOrder: 'auto',
    timeZone: ownZone,
    assetType: 'auto',
  });
  /** What was found in exactly this file, read in exactly this way. */
  const [findings, setFindings] = useState<ImportReport | null>(null);
  const { file } = choice;
  const isTooLarge = (file?.size ?? 0) > LARGEST_FILE;

  function change(part: Partial<ImportChoice>): void {
    setChoice({ ...choice, ...part });
    // Of one file the columns stay to be chosen from; what was counted counts no more.
    if (Object.keys(part).join() !== 'mapping') setFindings(null);
    look.reset();
    take.reset();
  }
  function lookInto(): void {
    if (!file) return;
    look.mutate({ ...choice, file, isTrial: true }, { onSuccess: setFindings });
  }

  if (take.data) {
    return (
      <>
        <p role="status">{t('imports.done', { count: take.data.imported })}</p>
        <DialogActions>
          <Button look="primary" onClick={onClose}>
            {t('common.close')}
          </Button>
        </DialogActions>
      </>
    );
  }
  const isCurrent = look.data !== undefined && look.data === findings;
  const fresh = findings ? findings.trades - findings.duplicates : 0;
  const isGood = isCurrent && findings?.error_count === 0 && fresh > 0;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isGood && file) {
          onTaking(true);
          take.mutate({ ...choice, file, isTrial: false }, { onSettled: () => onTaking(false) });
        } else lookInto();
      }}
    >
      {/* Another choice would be another import beside the one that is being written. */}
      <fieldset disabled={take.isPending} className="flex min-w-0 flex-col gap-4">
        <ImportFields
          choice={choice}
          accounts={accounts}
          isTooLarge={isTooLarge}
          onChange={change}
        />
      </fieldset>
      {look.isPending && file && <ImportProgress size={file.size} trades={null} />}
      {findings && (
        <>
          {isCurrent && <ImportFindings report={findings} />}
          <fieldset disabled={take.isPending} className="min-w-0">
            <ImportMapping
              report={findings}
              mapping={choice.mapping}
              onChange={(mapping) => change({ mapping })}
            />
          </fieldset>
        </>
      )}
      {take.isPending && file && (
        <ImportProgress size={file.size} trades={findings?.trades ?? null} />
      )}
      <ProblemText error={look.error ?? take.error} />
      <DialogActions>
        <Button onClick={onClose} disabled={take.isPending}>
          {t('common.cancel')}
        </Button>
        {isCurrent && findings?.error_count === 0 && fresh === 0 && (
          <span className="self-center text-muted">{t('imports.nothingNew')}</span>
        )}
        <Button
          type="submit"
          look="primary"
          disabled={!file || isTooLarge}
          isBusy={look.isPending || take.isPending}
        >
          {isGood
            ? t('imports.take', { count: fresh })
            : t(findings ? 'imports.again' : 'imports.look')}
        </Button>
      </DialogActions>
      <Unsaved when={Object.keys(choice.mapping).length > 0} />
    </form>
  );
}
