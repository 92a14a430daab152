/**
 * SDP between a WebRTC viewer and us.
 * In: the text of an offer, from anybody. Out: what of it is served, and the text of our answer.
 * Promises: any text gives an offer or words that say what is wrong; what is written back is checked against its grammar.
 */
export { parseOffer, type Offer, type OfferSection, type RemoteTransport } from './sdp-offer.ts';
export { writeAnswer, type AnsweredTrack, type LocalTransport } from './sdp-answer.ts';
export { chooseAudio, chooseVideo } from './choose-payload.ts';
