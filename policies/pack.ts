import { PolicyPack } from "@pulumi/policy";
import { rules } from "../components/rules/index.ts";
import { rulePolicy } from "./rule-policy.ts";

new PolicyPack("mcp-infra", { policies: rules.map(rulePolicy) });
