import type { Risk } from '../i18n';

export const copyPolicy: Risk['copyPolicy'] = {
  title: 'บริษัทว่าอย่างไรเรื่องการคัดลอกเทรด',
  ways: {
    own_accounts: 'ระหว่างบัญชีของคุณเอง',
    other_people: 'จากหรือถึงบัญชีของผู้อื่น',
    copier_programs: 'ด้วยโปรแกรมหรือ EA',
  },
  stances: {
    allowed: 'ทำได้',
    restricted: 'ทำได้โดยมีเงื่อนไข',
    forbidden: 'ห้ามทำ',
    not_established: 'ยังไม่มีข้อมูลยืนยัน',
  },
  notEstablished: '{firm}: ยังไม่มีข้อมูลยืนยันเรื่องการคัดลอกเทรด โปรดอ่านกฎของบริษัทก่อนเริ่มคัดลอก',
  readOn: 'อ่านเมื่อ {date} ความมั่นใจ: {confidence} โปรดอ่านหน้านี้เองก่อนเริ่มคัดลอก',
  source: 'หน้าเว็บของบริษัท',
  sentence:
    '{firm} เรื่องการคัดลอก: บัญชีของตนเอง{own} บัญชีผู้อื่น{others} โปรแกรม{programs} โปรดอ่าน<link>หน้าของบริษัท</link>ก่อนติดตาม',
};
