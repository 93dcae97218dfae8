import { policyPack } from "./policy-pack.ts";

policyPack();
