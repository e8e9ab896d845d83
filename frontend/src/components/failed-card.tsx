import { Card } from './page';
import { Failure } from './states';

interface FailedCardProps {
  title?: string;
  query: { error: Error | null; refetch: () => unknown };
}

/** In place of a card that cannot be told from one that has nothing to say. */
export function FailedCard({ title, query }: FailedCardProps) {
  return (
    query.error && (
      <Card {...(title !== undefined && { title })} isFlush>
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      </Card>
    )
  );
}
