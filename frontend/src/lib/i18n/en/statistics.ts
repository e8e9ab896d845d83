import { stats } from './stats';

/** What trades say: figures, charts, calendar, comparison. */
export const statistics = {
  charts: { showTable: 'Show as table', showChart: 'Show as chart' },
  stats,
};
