// Two rooms for NamespaceArrowTests: Cellar may use nobody, Attic may use Cellar.
#pragma warning disable IDE0130, MA0182, CA1812 // namespaces that no folder has, types that nobody uses: only their names and references count
namespace FpgaNet.House.Tests.MadeUp.Cellar
{
    internal sealed class Boiler
    {
        public int Heat { get; set; }
    }

    internal sealed class LooksUpInItsField
    {
        public Attic.Window? Window { get; set; }
    }

    internal sealed class LooksUpInAMethodBody
    {
        public object Look() => Attic.Window.Open().ToString();
    }

    internal sealed class LooksUpInALambda
    {
        public Func<object> Look() => () => new Attic.Window();
    }

    internal sealed class LooksUpInAGenericArgument
    {
        public List<Attic.Window?>[] Windows { get; } = [];
    }
}

namespace FpgaNet.House.Tests.MadeUp.Attic
{
    internal sealed class Window
    {
        public static Window Open() => new();

        public override string ToString() => new Cellar.Boiler { Heat = 1 }.Heat.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
