import type { components } from './schema.gen';

type Schemas = components['schemas'];

/**
 * A row as lists have it. In the document lists write their rows out, with every
 * nullable field optional; what single answers and the stream send fits that too.
 */
type Row<List extends keyof Schemas> = Schemas[List] extends { items: (infer Item)[] }
  ? Item
  : never;

export type AccountRisk = Schemas['AccountRisk'];
export type AccountRules = Schemas['AccountRules'];
export type Account = Row<'Page_Account'>;
export type Alert = Schemas['Alert'];
export type AlertKind = Schemas['AlertKind'];
export type AlertPage = Schemas['AlertPage'];
export type BeginPhase = Written<Schemas['BeginPhase']>;
export type BulkAnswer = Schemas['BulkAnswer'];
export type CashFlow = Schemas['CashFlow'];
export type CashFlowKind = Schemas['CashFlowKind'];
export type Corrections = Schemas['RiskCorrections'];
export type ChangeEmail = Schemas['ChangeEmail'];
export type ChangePassword = Schemas['ChangePassword'];
export type Contract = Schemas['Contract'];
export type Contracts = Schemas['Contracts'];
export type Copy = Row<'Page_Copy'>;
export type CopyDetail = Schemas['CopyDetail'];
export type CopyEvent = Schemas['CopyEvent'];
export type CopyMode = Schemas['CopyMode'];
export type CopyRole = Schemas['CopyRole'];
export type CopySettings = Schemas['CopySettings'];
export type CopyState = Schemas['CopyState'];
export type CreateAccount = Schemas['CreateAccount'];
export type Deviation = Schemas['RuleDeviation'];
export type DeviceSession = Schemas['DeviceSessionList']['items'][number];
export type DryRun = Schemas['DryRun'];
export type DryRunFollower = Schemas['DryRunFollower'];
export type DryRunResult = Schemas['DryRunResult'];
export type Environment = Schemas['ExchangeEnvironment'];
export type ExchangeKey = Schemas['ExchangeKey'];
export type ExchangeKeys = Schemas['ExchangeKeys'];
export type ImportProgress = Schemas['ImportProgress'];
export type ImportReport = Schemas['ImportReport'];
export type KeyFault = Schemas['KeyFault'];
export type FloorOverride = Schemas['FloorOverride'];
export type Follow = Schemas['Follow'];
export type Follower = Row<'Page_Follower'>;
export type Group = Row<'Page_Group'>;
export type Guard = Schemas['Guard'];
export type GuardedAccounts = Schemas['GuardedAccounts'];
export type GuardState = Schemas['GuardState'];
export type GuardTrip = Schemas['GuardTrip'];
export type PastGuardTrip = Row<'Page_PastGuardTrip'>;
export type GroupRisk = Schemas['GroupRisk'];
export type GroupRate = Schemas['GroupRate'];
export type KindRisk = Schemas['KindRisk'];
export type Language = Schemas['Language'];
export type ListedMaster = Row<'Page_ListedMaster'>;
export type Login = Schemas['Login'];
export type MasterProfile = Schemas['MasterProfile'];
export type Orphan = Row<'Page_Orphan'>;
export type PatchAccount = Schemas['PatchAccount'];
export type PatchMe = Schemas['PatchMe'];
export type PatchSettings = Schemas['PatchSettings'];
export type PatchSubscription = Schemas['PatchSubscription'];
export type Platform = Schemas['Platform'];
export type Position = Schemas['Position'];
export type Positions = Schemas['Positions'];
export type Operation = Schemas['StopProgress'];
export type PutExchangeKey = Schemas['PutExchangeKey'];
export type PutRequiredRules = Partial<Omit<Schemas['RequiredRules'], 'rules'>> & {
  rules?: RiskRule[];
};
export type AlertLevels = Schemas['AlertLevels'];
export type PutAlertLevels = Schemas['PutAlertLevels'];
export type PutRiskDefaults = Schemas['PutRiskDefaults'];
export type PutRules = Written<Schemas['PutRules']>;
export type Problem = Schemas['Problem'];
export type PublicMaster = Schemas['PublicMaster'];
export type ReasonCode = Schemas['ReasonCode'];
export type Register = Schemas['Register'];
export type ResolutionAction = Schemas['ResolutionAction'];
export type RiskAtEquity = Schemas['RiskAtEquity'];
export type RequiredRules = Schemas['RequiredRules'];
export type RiskDefaults = Schemas['RiskDefaults'];
export type RiskDay = Row<'Page_RiskDayRow'>;
export type RiskHistory = Schemas['RiskHistory'];
export type RiskObjective = Schemas['RiskObjective'];
export type RiskReason = Schemas['RiskReason'];
export type RiskRoom = Schemas['RiskRoom'];
/** Only the fields that its kind has are there. */
export type RiskRule = Pick<Schemas['RiskRule'], 'id' | 'kind'> & Partial<Schemas['RiskRule']>;
export type InheritedMarks = Schemas['RiskInheritedMarks'];
export type OwnMarks = Schemas['RiskOwnMarks'];
export type UsualMarks = Schemas['RiskDefaultMarks'];
export type MarksSource = Schemas['RiskMarksSource'];
export type RiskStatus = Schemas['RiskStatus'];
export type RiskSummary = Row<'Page_RiskSummary'>;
export type RiskTemplate = Schemas['RiskTemplate'];
export type RiskTemplates = Schemas['RiskTemplates'];
export type RuleKind = Schemas['RuleKind'];
export type RuleRisk = Schemas['RuleRisk'];
export type Screenshot = Schemas['Screenshot'];
export type Session = Schemas['SessionDto'];
export type PersonalKey = Schemas['PersonalKey'];
export type CreatePersonalKey = Schemas['CreatePersonalKey'];
export type Share = Schemas['ShareList']['items'][number];
export type CreateShare = Schemas['CreateShare'];
export type ShareSection = Schemas['ShareSection'];
export type SharedFigures = Schemas['SharedFigures'];
export type SharedPosition = Schemas['SharedPosition'];
export type SharedStatistics = Schemas['SharedStatistics'];
export type SharedTrade = Schemas['SharedTrade'];
export type Side = Schemas['Side'];
export type Severity = Schemas['Severity'];
export type Signal = Row<'Page_Signal'>;
export type SubscriptionPreview = Schemas['SubscriptionPreview'];
export type Sizing = Schemas['Sizing'];
export type SizingMode = Schemas['SizingMode'];
export type StopAction = Schemas['StopAction'];
export type StopCopying = Schemas['StopCopying'];
export type StopState = Schemas['StopState'];
export type Subscription = Row<'Page_Subscription'>;
export type Trade = Row<'Page_Trade'>;
export type CreateTrade = Schemas['CreateTrade'];
export type PatchTrade = Schemas['PatchTrade'];
export type CurrencyRate = Row<'Page_CurrencyRate'>;
export type Stats = Schemas['Stats'];
export type StatsComparison = Schemas['StatsComparison'];
export type TradeSource = Schemas['TradeSource'];
export type TradeStatus = Schemas['TradeStatus'];
export type Violation = Row<'Page_RiskViolation'>;
export type AskWhatIf = Schemas['AskWhatIf'];
export type VenueOrder = Schemas['VenueOrder'];
export type VenueOrderState = Schemas['VenueOrderState'];
export type WhatIf = Schemas['WhatIf'];
export type User = Schemas['User'];

/** What is sent: rules without the fields that their kind has not. */
type Written<Body> = Partial<Omit<Body, 'rules' | 'version'>> &
  ('version' extends keyof Body ? { version: number; rules: RiskRule[] } : { rules?: RiskRule[] });

/** One page of a list. */
export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
