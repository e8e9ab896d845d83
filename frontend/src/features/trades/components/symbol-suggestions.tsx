import { useQuery } from '@tanstack/react-query';
import { symbolsQuery } from '../queries';

/** What a field for a symbol suggests, by its `list`. Without it any symbol can be typed all the same. */
export function SymbolSuggestions({ id }: { id: string }) {
  const symbols = useQuery(symbolsQuery).data ?? [];
  return (
    <datalist id={id}>
      {symbols.map((each) => (
        <option key={each} value={each} />
      ))}
    </datalist>
  );
}
