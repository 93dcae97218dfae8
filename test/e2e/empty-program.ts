// What Pulumi takes for itself: a program that declares nothing.
export {};
