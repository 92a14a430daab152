/** What every screen shares: words, theme, shapes, formats. In: values. Out: components and text. Knows no screen. */
export { strings } from './strings.ts';
export { theme, toCssVariables } from './theme.ts';
export { DoorCard } from './door-card.tsx';
export { Logo } from './logo.tsx';
export { StateBadge, toStateText } from './state-badge.tsx';
export { FormDialog } from './form-dialog.tsx';
export { FailureLine, FailureNote, FailurePanel, Panel, TileSkeletons } from './panel.tsx';
export {
  toAgo,
  toBitrate,
  toClock,
  toDateTime,
  toDayName,
  toDuration,
  toFileName,
  toShortClock,
  toPlainText,
  toSize,
  toSpanText,
} from './format.ts';
