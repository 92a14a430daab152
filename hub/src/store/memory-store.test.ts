import { describeStore } from '#testing';
import { openMemoryStore } from './index.ts';

describeStore('memory', openMemoryStore);
