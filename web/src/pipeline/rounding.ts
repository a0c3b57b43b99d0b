// Rounding as Python and OpenCV do it: halves go to the even number.

export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Python's `round(value, digits)`: of the exact value, so that 2.675 is 2.67 and 0.125 is 0.12. */
export function roundTo(value: number, digits: number): number {
  const half = value * 2 ** (digits + 1);
  // A tie is an odd multiple of a power of two; any other decimal ends before or after it.
  if (Number.isInteger(half) && half % 2 !== 0) {
    return roundHalfEven(value * 10 ** digits) / 10 ** digits;
  }
  return Number(value.toFixed(digits));
}
