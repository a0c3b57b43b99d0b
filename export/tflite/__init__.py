"""TFLite files: conversion, calibration, checks, metadata."""
