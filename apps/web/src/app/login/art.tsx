/** Many wires come in, one half carries, one half stands by. */
const WIRES = 15;
const KNOT_Y = 400;
const GAP = 7;

const wires = Array.from({ length: WIRES }, (_, i) => {
  const from = 90 + i * 52;
  const at = KNOT_Y + (i - (WIRES - 1) / 2) * GAP;
  const active = i < WIRES / 2;
  const to = active ? 272 + i * 3 : 540 + (i - WIRES / 2) * 3;
  return {
    i,
    active,
    inward: `M0 ${from}C220 ${from} 200 ${at} 400 ${at}`,
    outward: `M400 ${at}C560 ${at} 560 ${to} 720 ${to}`,
  };
});

export const LoginArt = () => (
  <svg
    className="art"
    viewBox="0 0 720 900"
    preserveAspectRatio="xMidYMid slice"
    aria-hidden="true"
  >
    {wires.map(({ i, active, inward, outward }) => (
      <g key={i}>
        <path className="wire in" d={inward} strokeWidth="1" />
        <path
          className={active ? "wire live" : "wire idle"}
          d={outward}
          strokeWidth={active ? 1.25 : 1}
          style={active ? { opacity: 0.75 } : undefined}
        />
        {i % 3 === 1 && (
          <path
            className={i % 2 ? "flow in" : "flow in slow"}
            d={inward}
            strokeWidth="1.5"
            opacity=".7"
          />
        )}
        {active && i % 3 === 0 && <path className="flow slow" d={outward} strokeWidth="1.5" />}
      </g>
    ))}
  </svg>
);
