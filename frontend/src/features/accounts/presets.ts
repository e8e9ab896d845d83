/** What an account of a usual kind begins with. */
export interface Preset {
  /** Its name is the same in every language. */
  name: string;
  starting_balance: string;
  capital_level: string;
  risk_tolerance: string;
}

export const PRESETS: readonly Preset[] = [
  preset('Aggressive', '25K', '25000'),
  preset('Balanced', '50K', '50000'),
  preset('Optimal', '100K', '100000'),
  preset('Conservative', '250K', '250000'),
];

function preset(tolerance: string, level: string, balance: string): Preset {
  return {
    name: `${tolerance}-${level}`,
    starting_balance: balance,
    capital_level: level,
    risk_tolerance: tolerance.toLowerCase(),
  };
}

export function presetNamed(name: string): Preset | undefined {
  return PRESETS.find((each) => each.name === name);
}
