const toCameras = (count: number): string => (count === 1 ? '1 camera' : `${count} cameras`);

/** With a capital, to begin a sentence. */
const toPromise = (days: number, cameras: number): string => `A${toDays(days).slice(1)} for ${toCameras(cameras)}`;

function toDays(days: number): string {
  if (days < 2) return `about ${Math.max(1, Math.round(days * 24))} h`;
  return `about ${days >= 10 ? Math.round(days) : days.toFixed(1)} days`;
}

/** Words of the storage page and of the note on the wall. */
export const storageStrings = {
  title: 'Storage',
  firstTitle: 'Where should footage be kept?',
  firstLead:
    'On any disk of the machine that records. Porchlight tries it with a real write first. You can change this at any time.',
  later: 'Decide later',
  ofAgent: (agent: string) => `Recording program ${agent}`,
  noAgent: 'The recording program has not called yet. It appears here by itself.',
  offline: 'The recording program is not connected. What is shown is what it said last.',
  refused: 'The machine that records has refused the last choice; the one before is in use.',
  stopped: (missing: number, of: number) => `${missing} of ${of} recordings are missing: nothing is deleted.`,
  stoppedNote: 'Is the right disk connected? When they are back, this ends by itself.',
  lostBeforeOffsite: (count: number) => `${count} recordings were deleted before their copy elsewhere was made.`,
  outlook: (days: number | undefined, cameras: number): string =>
    days === undefined ? 'How long footage lasts is known after a minute of recording.' : toPromise(days, cameras),
  days: toDays,
  promise: (days: number, cameras: number, assumed: boolean): string => {
    const text = toPromise(days, cameras);
    return assumed ? `${text}, at 2 Mbit/s each` : text;
  },
  note: (size: string, days: number | undefined, cameras: number): string => {
    const text = `Footage may use ${size} until you choose`;
    return days === undefined ? `${text}.` : `${text}: ${toDays(days)} for ${toCameras(cameras)}.`;
  },
  look: 'Look at storage',
  change: 'Change where and how much',
  states: {
    ok: 'All well',
    missing: 'Not there',
    wrong: 'Another disk',
    'read-only': 'Read-only',
    full: 'Full',
    failing: 'Failing',
  },
  since: (when: string) => `since ${when}`,
  recordingHere: 'recording goes here',
  keptHere: 'keeps what is older',
  usedOf: 'Used of what footage may use',
  used: (used: string, cap: string) => `${used} of ${cap} used`,
  notChosen: 'nobody has chosen yet',
  free: (free: string, total: string) => `${free} of ${total} free on this disk`,
  moves: (days: number) => `Footage moves on after ${days} days`,
  folder: 'Folder',
  folderNote: 'The whole path, on the machine that records. It must exist.',
  check: 'Try this disk',
  amount: 'How much may footage use?',
  amounts: { most: 'As much as fits', some: 'A set amount', default: 'Up to 20 GB' },
  amountNotes: {
    most: 'Up to 90 % of the disk. The oldest goes when it is full.',
    some: 'The oldest goes when that is used.',
    default: 'At most 20 GB, and no more than a quarter of what was free.',
  },
  gigabytes: 'Gigabytes',
  more: 'Days, thinning, a second place',
  less: 'Less',
  daysLimit: 'Keep at most so many days',
  daysNote: 'Empty: as long as there is room. Events and what is held are not affected.',
  thin: 'Thin out after so many days',
  thinNote: 'Reduces older footage to its key frames: a time-lapse at a fraction of the size. Empty: never.',
  second: 'Folder of a second place, such as a network disk',
  secondNote: 'Older footage moves there, each file checked before the original goes.',
  moveAfter: 'Move after so many days',
  speed: (size: string) => `Writes ${size} a second`,
  save: 'Save',
  keepHere: 'Keep footage here',
  saved: 'Saved',
  perCamera: 'By camera',
  camera: 'Camera',
  keptNow: 'Kept',
  perDay: 'A day',
  keptFor: 'Lasts',
  ownBudget: 'own limits',
  limits: 'Limits',
  ofItHeld: (size: string) => `${size} of it for good`,
  measuring: 'measuring',
} as const;
