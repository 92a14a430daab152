/** Appends a whole file to a source buffer and plays it to its end. Runs in the page. */
globalThis.playAll = async ({ base64, type }) => {
  const video = document.createElement('video');
  document.body.append(video);
  video.muted = true;
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
  const buffer = source.addSourceBuffer(type);
  buffer.appendBuffer(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  await new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
  source.endOfStream();
  video.playbackRate = 4;
  const over = new Promise((resolve) => {
    video.addEventListener('ended', resolve, { once: true });
    video.addEventListener('error', resolve, { once: true });
  });
  await video.play();
  await over;
  const ranges = Array.from({ length: video.buffered.length }, (_, index) => [
    video.buffered.start(index),
    video.buffered.end(index),
  ]);
  const frames = video.getVideoPlaybackQuality().totalVideoFrames;
  return { frames, ranges, error: video.error?.message ?? '', ended: video.ended };
};
