/** What is wrong, on the page. Out: bell, list, badge, a camera's history. Live by the changes socket; a person says "seen", the house says "over". */
export { AlarmBadge } from './alarm-badge.tsx';
export { AlarmBell } from './alarm-bell.tsx';
export { AlarmsPage } from './alarms-page.tsx';
export { CameraAlarms } from './camera-alarms.tsx';
