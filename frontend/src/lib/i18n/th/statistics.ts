import type { Statistics } from '../i18n';
import { stats } from './stats';

export const statistics: Statistics = {
  charts: { showTable: 'แสดงเป็นตาราง', showChart: 'แสดงเป็นกราฟ' },
  stats,
};
