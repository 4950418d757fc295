import { type ComponentProps, type ReactNode, useId } from "react";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";

/** A labelled line of text. `fault` is said beside it and to assistive technology. */
export function Field({
  label,
  hint,
  fault,
  mono,
  labelHidden,
  className,
  ...input
}: ComponentProps<"input"> & {
  label: string;
  /** The label is said, not shown: what stands around says it already. */
  labelHidden?: boolean;
  hint?: ReactNode;
  fault?: string | null | undefined;
  mono?: boolean;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden ? "sr" : undefined}>
        {label}
      </label>
      <input
        id={id}
        className={cx("input", mono && "mono", fault && "err", className)}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault || hint ? `${id}-said` : undefined}
        spellCheck={false}
        {...input}
      />
      <Said id={id} fault={fault} hint={hint} />
    </div>
  );
}

/** A labelled text of many lines, in type of one width. */
export function TextArea({
  label,
  hint,
  fault,
  className,
  ...area
}: ComponentProps<"textarea"> & {
  label: string;
  hint?: ReactNode;
  fault?: string | null | undefined;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className={cx("input mono", fault && "err", className)}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault || hint ? `${id}-said` : undefined}
        spellCheck={false}
        autoCapitalize="off"
        wrap="off"
        {...area}
      />
      <Said id={id} fault={fault} hint={hint} />
    </div>
  );
}

/** What is wrong with a field, else what helps. */
const Said = ({
  id,
  fault,
  hint,
}: {
  id: string;
  fault: string | null | undefined;
  hint: ReactNode;
}) =>
  (fault || hint) && (
    <span id={`${id}-said`} className={fault ? "err-t" : "hint"} role={fault ? "alert" : undefined}>
      {fault ? (
        <>
          <Icon name="st-fail" />
          {fault}
        </>
      ) : (
        hint
      )}
    </span>
  );

/** A labelled choice of one among few. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
  hidden,
}: {
  label: string;
  value: T;
  options: readonly (readonly [value: T, word: string])[];
  onChange: (next: T) => void;
  /** The label is said, not shown: what stands around says it already. */
  hidden?: boolean;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={hidden ? "sr" : undefined}>
        {label}
      </label>
      <select
        id={id}
        className="input"
        value={value}
        onChange={(event) => onChange(event.target.value as T)}
      >
        {options.map(([each, word]) => (
          <option key={each} value={each}>
            {word}
          </option>
        ))}
      </select>
    </div>
  );
}
