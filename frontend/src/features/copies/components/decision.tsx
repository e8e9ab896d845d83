import { CircleHelp, Link2, ShieldQuestionMark, Unlink } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CopyDetail, ResolutionAction } from '@/api/types';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useResolveCopy } from '../queries';

interface Choice {
  action: ResolutionAction;
  ticket: string | null;
}

/** Why a copy needs a decision, if it does: closed ones where the exchange has their position again. */
function doubtOf({ state, candidates }: CopyDetail): 'attention' | 'unconfirmed' | 'back' | null {
  if (state === 'attention' || state === 'unconfirmed') return state;
  return state === 'closed' && candidates.length > 0 ? 'back' : null;
}

/** A copy in doubt: what is known, and what its owner can do about it. */
export function Decision({ copy }: { copy: CopyDetail }) {
  const t = useTranslations('decision');
  const [choice, setChoice] = useState<Choice | null>(null);
  const resolve = useResolveCopy(copy);
  const doubt = doubtOf(copy);
  if (doubt === null) return null;
  const own = copy.follower_ticket;

  function close(): void {
    setChoice(null);
    resolve.reset();
  }

  return (
    <div className="mb-4">
      <Card title={t('title')} isFlush>
        <p className="max-w-prose text-pretty px-4 py-3 text-muted">
          {t(`intro.${doubt}`)} {t(own ? 'hasTicket' : 'hasNone', { ticket: own ?? '' })}
        </p>
        {!own && <Candidates copy={copy} onChoose={setChoice} />}
        <div className="flex flex-wrap gap-2 border-line border-t px-4 py-3">
          {own && (
            <>
              <Button icon={Link2} onClick={() => setChoice({ action: 'link', ticket: own })}>
                {t('actions.link')}
              </Button>
              <Button onClick={() => setChoice({ action: 'close', ticket: own })}>
                {t('actions.close')}
              </Button>
            </>
          )}
          {doubt !== 'back' && (
            <Button icon={Unlink} onClick={() => setChoice({ action: 'leave', ticket: null })}>
              {t('actions.leave')}
            </Button>
          )}
        </div>
        {resolve.isSuccess && (
          <p role="status" className="border-line border-t px-4 py-3 text-sm">
            {t('sent')}
          </p>
        )}
      </Card>
      {choice && (
        <ConfirmDialog
          isOpen
          onClose={close}
          onConfirm={() => resolve.mutate(choice, { onSuccess: () => setChoice(null) })}
          title={t(`ask.${choice.action}.title`, { ticket: choice.ticket ?? '' })}
          consequence={t(`ask.${choice.action}.text`, {
            ticket: choice.ticket ?? '',
            name: copy.follower_name,
            symbol: copy.symbol,
          })}
          verb={t(`actions.${choice.action}`)}
          isDanger={choice.action !== 'link'}
          isBusy={resolve.isPending}
          error={resolve.error}
        />
      )}
    </div>
  );
}

interface CandidatesProps {
  copy: CopyDetail;
  onChoose: (choice: Choice) => void;
}

/** Positions that the terminal listed and that may be this copy's. */
function Candidates({ copy, onChoose }: CandidatesProps) {
  const t = useTranslations('decision');
  if (copy.candidates.length === 0) {
    return (
      <p className="flex items-start gap-2 border-line border-t px-4 py-3">
        <CircleHelp aria-hidden size={16} className="mt-0.5 shrink-0 text-muted" />
        {t('noCandidates')}
      </p>
    );
  }
  return (
    <ul aria-label={t('candidates')} className="divide-y divide-line border-line border-t">
      {copy.candidates.map(({ ticket, first_seen_at, is_likely }) => (
        <li
          key={ticket}
          className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-2.5"
        >
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-2">
              <span className="figures font-medium">#{ticket}</span>
              {is_likely && (
                <Pill tone="accent" icon={ShieldQuestionMark}>
                  {t('likely')}
                </Pill>
              )}
            </p>
            <p className="text-muted text-sm">
              {t('firstSeen')} <Moment at={first_seen_at} format="exact" />
            </p>
          </div>
          <div className="flex gap-2">
            <Button
              icon={Link2}
              aria-label={t('linkNamed', { ticket })}
              onClick={() => onChoose({ action: 'link', ticket })}
            >
              {t('actions.link')}
            </Button>
            <Button
              aria-label={t('closeNamed', { ticket })}
              onClick={() => onChoose({ action: 'close', ticket })}
            >
              {t('actions.close')}
            </Button>
          </div>
        </li>
      ))}
    </ul>
  );
}
