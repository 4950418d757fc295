"use client";

/** A few choices side by side, one of them pressed. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [value: T, word: string])[];
  onChange: (next: T) => void;
}) {
  return (
    <fieldset className="seg" aria-label={label}>
      {options.map(([each, word]) => (
        <button
          type="button"
          key={each}
          aria-pressed={each === value}
          onClick={() => onChange(each)}
        >
          {word}
        </button>
      ))}
    </fieldset>
  );
}
