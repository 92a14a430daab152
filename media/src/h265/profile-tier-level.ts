import type { BitReader } from '#bytes';

/** general_* of profile_tier_level(). @see ITU-T H.265 7.3.3 */
export type ProfileTierLevel = {
  readonly profileSpace: number;
  readonly highTier: boolean;
  readonly profileIdc: number;
  /** general_profile_compatibility_flag[0] is the most significant bit. */
  readonly compatibilityFlags: number;
  /** The six bytes from general_progressive_source_flag on. */
  readonly constraintBytes: readonly number[];
  /** 30 × level. */
  readonly levelIdc: number;
};

/** Reads profile_tier_level(1, maxSubLayersMinus1). @see ITU-T H.265 7.3.3 */
export function readProfileTierLevel(bits: BitReader, maxSubLayersMinus1: number): ProfileTierLevel {
  const general = {
    profileSpace: bits.read(2),
    highTier: bits.flag(),
    profileIdc: bits.read(5),
    compatibilityFlags: bits.read(32),
    constraintBytes: Array.from({ length: 6 }, () => bits.read(8)),
    levelIdc: bits.read(8),
  };
  const present = Array.from({ length: maxSubLayersMinus1 }, () => [bits.flag(), bits.flag()] as const);
  if (maxSubLayersMinus1 > 0) bits.skip(2 * (8 - maxSubLayersMinus1));
  for (const [profile, level] of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
  return general;
}

/**
 * RFC 6381 string of an `hvc1` sample entry, for example `hvc1.1.6.L93.B0`.
 * @see ISO/IEC 14496-15 E.3
 */
export function toCodecString(profile: ProfileTierLevel): string {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((profile.compatibilityFlags >>> bit) & 1);
  const constraints = [...profile.constraintBytes];
  while (constraints.length > 0 && constraints[constraints.length - 1] === 0) constraints.pop();
  return [
    'hvc1',
    ['', 'A', 'B', 'C'][profile.profileSpace]! + profile.profileIdc,
    reversed.toString(16),
    (profile.highTier ? 'H' : 'L') + profile.levelIdc,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ].join('.');
}
