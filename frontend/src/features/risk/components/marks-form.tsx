import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/api/problem';
import type { GuardedAccounts, OwnMarks, UsualMarks } from '@/api/types';
import { useNewError } from '@/components/new-error';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { Unsaved } from '@/components/ui/unsaved';
import {
  CLASSES,
  type Mark,
  type MarkClass,
  type MarkPair,
  markFault,
  marksOf,
  shownPair,
  typedOf,
} from '../marks';
import { guardedQuery, type MarksPlace } from '../marks-queries';
import type { SavingMarks } from './marks-card';
import { MarksPreview } from './marks-preview';

interface MarksDialogProps {
  isOpen: boolean;
  place: MarksPlace;
  own: OwnMarks | null;
  /** What holds where nothing is typed. */
  usual: UsualMarks;
  saving: SavingMarks;
  onClose: () => void;
}

/** Marks of an account, of a group or of everything. Empty ones are taken from the next place that has some. Where guards may act by others, it is asked once more. */
export function MarksDialog({ isOpen, place, ...form }: MarksDialogProps) {
  const t = useTranslations('riskMarks');
  const title = place.scope === 'tenant' ? t('title') : t('titleOf', { name: place.name });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={form.onClose}
      title={title}
      description={
        <>
          {t(`empty.${place.scope}`)} {t('guards.hint')}
        </>
      }
    >
      {isOpen && <Form place={place} {...form} />}
    </Dialog>
  );
}

const MARKS = ['caution', 'critical'] as const;

function Form({ place, own, usual, saving, onClose }: Omit<MarksDialogProps, 'isOpen'>) {
  const t = useTranslations();
  const [typed, setTyped] = useState(() => typedOf(own));
  const [isSure, setSure] = useState(false);
  const error = useNewError(saving.error);
  const guarded = useQuery(guardedQuery(place)).data;
  // Not known is not none.
  const mustAsk = guarded?.accounts !== 0;
  const isAsking = mustAsk && isSure;
  const refused = error instanceof ApiError ? error.fields : [];
  const faultOf = (each: MarkClass, mark: Mark) =>
    markFault(typed[each], mark) ??
    refused.find(({ field }) => field === `thresholds.${each}.${mark}`)?.code;
  const [first] = useState(typed);
  // What came since is refused, not replaced.
  const [version] = useState(saving.version);
  const isWhole = CLASSES.every((each) =>
    MARKS.every((mark) => markFault(typed[each], mark) === undefined),
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWhole) return;
        if (mustAsk && !isSure) setSure(true);
        else saving.save({ thresholds: marksOf(typed), version }, onClose);
      }}
    >
      <div className="flex flex-col gap-5">
        {CLASSES.map((each) => (
          <ClassFields
            key={each}
            name={each}
            typed={typed[each]}
            usual={usual[each]}
            faultOf={(mark) => faultOf(each, mark)}
            onChange={(pair) => {
              setTyped({ ...typed, [each]: pair });
              setSure(false);
            }}
          />
        ))}
      </div>
      {isAsking && <GuardsMayAct guarded={guarded} />}
      <ProblemText error={error} />
      <DialogActions>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button
          type="submit"
          look={isAsking ? 'danger' : 'primary'}
          isBusy={saving.isBusy}
          disabled={!isWhole}
        >
          {t(isAsking ? 'riskMarks.guards.sureVerb' : 'common.save')}
        </Button>
      </DialogActions>
      <Unsaved when={typed !== first} />
    </form>
  );
}

/** The last question before guards judge by other marks. */
function GuardsMayAct({ guarded }: { guarded: GuardedAccounts | undefined }) {
  const t = useTranslations('riskMarks.guards');
  return (
    <div role="alert" className="mt-4 flex flex-col gap-2 text-pretty">
      <p className="font-medium">
        {guarded ? t('sure', { count: guarded.accounts }) : t('unknown')} {t('atOnce')}
      </p>
      {guarded && guarded.closing > 0 && <p>{t('closing', { count: guarded.closing })}</p>}
    </div>
  );
}

interface ClassFieldsProps {
  name: MarkClass;
  typed: MarkPair;
  usual: MarkPair;
  faultOf: (mark: Mark) => string | undefined;
  onChange: (pair: MarkPair) => void;
}

function ClassFields({ name, typed, usual, faultOf, onChange }: ClassFieldsProps) {
  const t = useTranslations('riskMarks');
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-semibold">{t(`classes.${name}`)}</legend>
      <MarksPreview marks={shownPair(typed, usual)} />
      <div className="mt-2 grid grid-cols-2 gap-3">
        {MARKS.map((mark) => (
          <TextField
            key={mark}
            label={t(`fields.${mark}`)}
            inputMode="decimal"
            autoComplete="off"
            placeholder={usual[mark]}
            defaultValue={typed[mark]}
            onChange={(event) => onChange({ ...typed, [mark]: event.target.value })}
            error={faultOf(mark)}
          />
        ))}
      </div>
    </fieldset>
  );
}
