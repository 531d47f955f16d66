using System.Reflection;
using System.Reflection.Emit;

namespace FpgaNet.House.Tests;

/// <summary>
/// Finds which namespace of an assembly uses which, in signatures and in method bodies, and names the uses that no arrow
/// allows. A room is the first part of a namespace behind the assembly's root; types in the root itself are in room "".
/// </summary>
internal static class NamespaceArrows
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> s_opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static f => (OpCode)f.GetValue(null)!).ToDictionary(static o => o.Value);

    /// <summary>Sentences that say which use is not allowed.</summary>
    /// <param name="types">The types to check.</param>
    /// <param name="root">Namespace whose parts are the rooms.</param>
    /// <param name="allowed">For every room those that it may use besides itself.</param>
    public static IReadOnlyList<string> Violations(IEnumerable<Type> types, string root, IReadOnlyDictionary<string, string[]> allowed)
    {
        var errors = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Type type in types)
        {
            if (Room(type, root) is not { } from)
            {
                continue;
            }

            if (!allowed.TryGetValue(from, out string[]? targets))
            {
                errors.Add($"{type.Namespace} is not in the list of rooms: say what it may use.");
                continue;
            }

            foreach (Type used in Uses(type))
            {
                if (Room(used, root) is { } to && !string.Equals(to, from, StringComparison.Ordinal) && !targets.Contains(to, StringComparer.Ordinal))
                {
                    errors.Add($"{Outermost(type).FullName} must not use {Outermost(used).FullName}.");
                }
            }
        }

        return errors.ToList();
    }

    private static string? Room(Type type, string root)
    {
        string name = type.Namespace ?? string.Empty;
        if (string.Equals(name, root, StringComparison.Ordinal))
        {
            return string.Empty;
        }

        return name.StartsWith(root + ".", StringComparison.Ordinal) ? name[(root.Length + 1)..].Split('.')[0] : null;
    }

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static HashSet<Type> Uses(Type type)
    {
        var uses = new HashSet<Type>();
        Add(uses, type.BaseType);
        foreach (Type used in type.GetInterfaces())
        {
            Add(uses, used);
        }

        foreach (FieldInfo field in type.GetFields(Declared))
        {
            Add(uses, field.FieldType);
        }

        foreach (MethodBase method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
        {
            AddSignature(uses, method);
            if (method.GetMethodBody() is { } body)
            {
                foreach (LocalVariableInfo local in body.LocalVariables)
                {
                    Add(uses, local.LocalType);
                }

                AddBody(uses, method, body.GetILAsByteArray()!);
            }
        }

        return uses;
    }

    private static void AddSignature(HashSet<Type> uses, MethodBase method)
    {
        foreach (ParameterInfo parameter in method.GetParameters())
        {
            Add(uses, parameter.ParameterType);
        }

        if (method is MethodInfo { ReturnType: { } result })
        {
            Add(uses, result);
        }

        if (method.IsGenericMethod)
        {
            foreach (Type argument in method.GetGenericArguments())
            {
                Add(uses, argument);
            }
        }
    }

    private static void Add(HashSet<Type> uses, Type? type)
    {
        if (type is null)
        {
            return;
        }

        if (type.HasElementType)
        {
            Add(uses, type.GetElementType());
            return;
        }

        if (type.IsGenericParameter || !uses.Add(type))
        {
            return;
        }

        if (type.IsGenericType)
        {
            foreach (Type argument in type.GetGenericArguments())
            {
                Add(uses, argument);
            }
        }
    }

    // ECMA-335 part III §1.2: an opcode of one byte, or 0xFE and a second one, then an operand whose length the opcode fixes.
    private static void AddBody(HashSet<Type> uses, MethodBase method, byte[] code)
    {
        Type[]? typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
            {
                value = unchecked((short)(0xFE00 | code[at++]));
            }

            switch (s_opCodes[value].OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    at += 1;
                    break;
                case OperandType.InlineVar:
                    at += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    at += 8;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + (4 * BitConverter.ToInt32(code, at));
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    MemberInfo member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), typeArguments, methodArguments)!;
                    Add(uses, member as Type ?? member.DeclaringType);
                    if (member is MethodBase called)
                    {
                        AddSignature(uses, called);
                    }

                    at += 4;
                    break;
                default:
                    at += 4;
                    break;
            }
        }
    }
}
