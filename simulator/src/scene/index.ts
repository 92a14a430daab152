/**
 * What a simulated camera shows. In: movie files. Out: scenes: one round's schedule and ready-made packets.
 * Promises: a sample is read and packetized once, however many clients and copies play it.
 */
export { openMovieFile, type MovieFile } from './movie-file.ts';
export { interleavedHeaderBytes, packetOf, stampBlock, type BlockStamp, type PacketBlock } from './packet-block.ts';
export { openScene, type Scene, type SceneEntry, type SceneTrack } from './scene.ts';
