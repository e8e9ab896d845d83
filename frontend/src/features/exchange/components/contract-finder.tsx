import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Contract } from '@/api/types';
import { Figure } from '@/components/figures';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { contractsQuery } from '../queries';

/** What a master calls an instrument, and what the follower's exchange does. */
export interface ChosenContract {
  instrument: string;
  contract: string;
  /** Coins of one lot, where all brokers have it alike. */
  unitsPerLot: string | null;
}

interface ContractFinderProps {
  accountId: string;
  onChoose: (chosen: ChosenContract) => void;
}

const SYMBOL = /^[A-Za-z0-9._#-]{2,32}$/;

/** Suggests the contracts that a master's symbol may mean; which one it is its owner says. */
export function ContractFinder({ accountId, onChoose }: ContractFinderProps) {
  const t = useTranslations('contracts');
  const [typed, setTyped] = useState('');
  const instrument = useDeferredValue(typed.trim());
  const isName = SYMBOL.test(instrument);
  const found = useQuery({ ...contractsQuery(accountId, instrument), enabled: isName });
  return (
    <div className="rounded-card border border-line p-4">
      <TextField
        label={t('instrument')}
        hint={t('hint')}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={32}
        onChange={(event) => setTyped(event.currentTarget.value)}
        // The form around it is not sent by looking for something.
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
      />
      {isName && found.data?.suggestions.length === 0 && (
        <p role="status" className="mt-3 text-muted">
          {t('none', { instrument })}
        </p>
      )}
      {isName && found.data && found.data.suggestions.length > 0 && (
        <ul aria-label={t('found', { instrument })} className="mt-3 divide-y divide-line">
          {found.data.suggestions.map((contract) => (
            <Suggestion
              key={contract.symbol}
              contract={contract}
              onChoose={() =>
                onChoose({
                  instrument,
                  contract: contract.symbol,
                  unitsPerLot: found.data.units_per_lot,
                })
              }
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function Suggestion({ contract, onChoose }: { contract: Contract; onChoose: () => void }) {
  const t = useTranslations('contracts');
  const { symbol, quote, last_price, min_quantity, base, is_open } = contract;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
      <span className="min-w-0">
        <span className="font-medium">{symbol}</span>
        <span className="ml-3 text-muted text-sm">
          {last_price && (
            <>
              <Figure value={last_price} /> {quote} ·{' '}
            </>
          )}
          {t('least', { quantity: min_quantity, base })}
          {!is_open && ` · ${t('closed')}`}
        </span>
      </span>
      <Button aria-label={t('useNamed', { symbol })} disabled={!is_open} onClick={onChoose}>
        {t('use')}
      </Button>
    </li>
  );
}
